import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { toProblem } from "@/api/problem";

/** Only what may pass by itself is tried again: no answer at all, or a server that is not ready. */
function mayPass(failures: number, error: Error): boolean {
  const { status } = toProblem(error);
  return failures < 2 && (status === 0 || status >= 502);
}

export function createQueryClient(onSignedOut: () => void): QueryClient {
  const watch = (error: unknown) => {
    if (toProblem(error).status === 401) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (query.queryKey[0] !== "session") watch(error);
      },
    }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, mutation) => {
        if (mutation.options.meta?.entrance !== true) watch(error);
      },
    }),
    defaultOptions: { queries: { retry: mayPass, staleTime: 10_000, refetchOnWindowFocus: false } },
  });
}
