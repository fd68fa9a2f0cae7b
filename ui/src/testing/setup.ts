import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// The test's document has no layout: virtual lists need a size to fill.
for (const [name, pixels] of Object.entries({ clientHeight: 336, clientWidth: 800 })) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => pixels });
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
