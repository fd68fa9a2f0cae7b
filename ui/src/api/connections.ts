import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { checkConnection, discoverInstances, getConnection, importInstances, listConnections } from "./generated";
import type { AskedAccountView, ConnectionView, DiscoveryTrouble, DiscoveryView, HealthView, SightingView, StepView, TroubleView } from "./generated";

export type {
  AskedAccountView as AskedAccount,
  ConnectionView as Connection,
  DiscoveryView as Discovery,
  HealthView as Health,
  SightingView as Sighting,
  StepView as HealthStep,
};
export type Trouble = DiscoveryTrouble | TroubleView;

export const connectionsQuery = (query: { limit: number; offset: number }) =>
  queryOptions({
    queryKey: ["connections", "list", query],
    queryFn: async ({ signal }) => (await listConnections({ query, signal, throwOnError: true })).data,
    placeholderData: keepPreviousData,
  });

export const connectionQuery = (id: string) =>
  queryOptions({
    queryKey: ["connections", "one", id],
    queryFn: async ({ signal }) => (await getConnection({ path: { connection_id: id }, signal, throwOnError: true })).data,
  });

/** A look at every step that work takes; it runs when it is asked for, and is kept while the session lasts. */
export const healthQuery = (id: string) =>
  queryOptions({
    queryKey: ["connections", "health", id],
    queryFn: async ({ signal }) => {
      const path = { connection_id: id };
      return { ...(await checkConnection({ path, body: {}, signal, throwOnError: true })).data, at: new Date().toISOString() };
    },
    staleTime: Infinity,
    gcTime: Infinity,
    retry: false,
  });

/** What an import would be told, and what a discovery shows the effect of. */
export interface DiscoveryWish {
  /** Accounts to ask although the login may not list them: an id, or `id:marketplace`. */
  accounts: readonly string[];
  tags: readonly string[];
  rename: boolean;
}

const asBody = ({ accounts, tags, rename }: DiscoveryWish) => ({
  accounts: accounts.map((text) => {
    const [account, marketplace] = text.split(":", 2);
    return { account_id: account?.trim() ?? "", marketplace_id: marketplace?.trim() ?? "" };
  }),
  tags: [...tags],
  rename,
});

export const discoveryQuery = (id: string, wish: DiscoveryWish) =>
  queryOptions({
    queryKey: ["connections", "discovery", id, wish],
    queryFn: async ({ signal }) => {
      const path = { connection_id: id };
      return (await discoverInstances({ path, body: asBody(wish), signal, throwOnError: true })).data;
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
  });

export async function bringIn(id: string, wish: DiscoveryWish, instanceIds: readonly string[]): Promise<DiscoveryView> {
  const body = { ...asBody(wish), instance_ids: [...instanceIds] };
  return (await importInstances({ path: { connection_id: id }, body, throwOnError: true })).data;
}
