import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { copyLibraryWorkflow, getLibraryWorkflow, listLibrary } from "./generated";
import type { CopyView, LibraryText, LibraryWorkflow as LibraryEntry } from "./generated";
import { toParameter, type Parameter, type Workflow, toWorkflow } from "./workflows";

export type { CopyView as LibraryCopy, LibraryEntry };

/** One of the library with its query. */
export type LibraryWorkflow = Omit<LibraryText, "parameters"> & { parameters: Parameter[] };

export interface LibraryQuery {
  q?: string;
  theme?: string;
}

export const libraryQuery = (query: LibraryQuery) =>
  queryOptions({
    queryKey: ["library", "list", query],
    queryFn: async ({ signal }) => (await listLibrary({ query, signal, throwOnError: true })).data,
    placeholderData: keepPreviousData,
  });

export const libraryWorkflowQuery = (key: string) =>
  queryOptions({
    queryKey: ["library", "one", key],
    queryFn: async ({ signal }): Promise<LibraryWorkflow> => {
      const { data } = await getLibraryWorkflow({ path: { key }, signal, throwOnError: true });
      return { ...data, parameters: data.parameters.map(toParameter) };
    },
  });

/** Makes it one of the user's own; `asKey` where theirs is taken. */
export async function addCopy(key: string, asKey?: string): Promise<Workflow> {
  return toWorkflow((await copyLibraryWorkflow({ path: { key }, body: { key: asKey }, throwOnError: true })).data);
}
