/** The one place that configures the generated client: cookies, CSRF header, errors as `Problem`. */
import { client } from "./generated/client.gen";
import { toProblem } from "./problem";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

export function csrfToken(cookies: string): string | undefined {
  const pair = cookies.split("; ").find((cookie) => cookie.startsWith("fanfold_csrf="));
  return pair && decodeURIComponent(pair.slice("fanfold_csrf=".length));
}

export function configureClient(): void {
  client.setConfig({ baseUrl: window.location.origin, credentials: "same-origin", throwOnError: true });
  client.interceptors.request.use((request) => {
    const token = csrfToken(document.cookie);
    if (token !== undefined && !safeMethods.has(request.method)) request.headers.set("X-CSRF-Token", token);
    return request;
  });
  client.interceptors.error.use((error, response) => toProblem(error, response));
}
