/** Our own small icons, drawn on a 16 × 16 grid with the text's colour. */

const paths = {
  check: "M3 8.5l3.2 3.2L13 4.8",
  cross: "M4 4l8 8M12 4l-8 8",
  play: "M5 3.5v9l7-4.5z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  arrows: "M13 5.5A5.5 5.5 0 0 0 3.4 5M3 2.5V5.2h2.7M3 10.5a5.5 5.5 0 0 0 9.6.5M13 13.5v-2.7h-2.7",
  slash: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM4.2 11.8l7.6-7.6",
  half: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z",
  skip: "M3.5 4v8l5-4zM9 4v8l4-4zM13.2 4v8",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4l3.1 3.1",
  plus: "M8 3v10M3 8h10",
  chevronRight: "M6 3.5L10.5 8 6 12.5",
  chevronLeft: "M10 3.5L5.5 8l4.5 4.5",
  chevronDown: "M3.5 6L8 10.5 12.5 6",
  sortUp: "M8 13V3.5M4 7l4-4 4 4",
  sortDown: "M8 3v9.5M4 9l4 4 4-4",
  filter: "M2.5 3.5h11L9.2 8.7v4.1l-2.4-1.3V8.7z",
  download: "M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13h10",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1",
  moon: "M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6z",
  warning: "M8 2.5l6 10.8H2zM8 6.5v3.2M8 11.4v.2",
  copy: "M5.5 5.5h7.5v8H5.5zM3 10.5v-8h7.5",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.4",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  batches: "M2.5 3.5h11M2.5 6.5h11M2.5 9.5h11M2.5 12.5h6",
  code: "M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5",
  undo: "M3.5 3v3.7h3.7M3.7 6.6A5 5 0 1 1 4.5 11",
  signOut: "M9.5 2.5h-6v11h6M7 8h7M11.5 5.5L14 8l-2.5 2.5",
  cards: "M2.5 2.5h4.6v4.6H2.5zM8.9 2.5h4.6v4.6H8.9zM2.5 8.9h4.6v4.6H2.5zM8.9 8.9h4.6v4.6H8.9z",
  book: "M8 4.2C6.4 3.1 4.4 2.8 2.2 3v9.6c2.2-.2 4.2.1 5.8 1.2 1.6-1.1 3.6-1.4 5.8-1.2V3C11.6 2.8 9.6 3.1 8 4.2zM8 4.2v9.6",
  plug: "M5.5 2v3.2M10.5 2v3.2M3.8 5.2h8.4v2.3a4.2 4.2 0 0 1-8.4 0zM8 11.7V14",
  chart: "M2.5 2.5v11h11M5.5 11V8M8.5 11V4.5M11.5 11V6.5",
} as const;

export type IconName = keyof typeof paths | "dashedCircle";

interface IconProps {
  name: IconName;
  size?: number;
  /** Spoken name; without it the icon is decoration beside a word. */
  label?: string;
}

export function Icon({ name, size = 16, label }: IconProps) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flex: "none" }}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    >
      {name === "dashedCircle" ? (
        <circle cx="8" cy="8" r="5.5" strokeDasharray="2.6 2.2" />
      ) : (
        <path d={paths[name]} fill={name === "play" ? "currentColor" : "none"} />
      )}
      {name === "half" && <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />}
    </svg>
  );
}
