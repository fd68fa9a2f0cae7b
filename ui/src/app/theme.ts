import { Button, createTheme, localStorageColorSchemeManager, Modal, Tooltip } from "@mantine/core";

const px = (value: number) => `${value}px`;

export const theme = createTheme({
  primaryColor: "blue",
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  defaultRadius: 4,
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily: 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif',
  fontFamilyMonospace: "var(--ff-mono)",
  fontSizes: { xs: px(12), sm: px(13), md: px(13), lg: px(14), xl: px(16) },
  lineHeights: { xs: "18px", sm: "20px", md: "20px", lg: "24px", xl: "28px" },
  spacing: { xs: px(4), sm: px(8), md: px(12), lg: px(16), xl: px(24) },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: px(20), lineHeight: "28px" },
      h2: { fontSize: px(16), lineHeight: "24px" },
      h3: { fontSize: px(14), lineHeight: "20px" },
    },
  },
  components: {
    Button: Button.extend({ defaultProps: { size: "xs" } }),
    Modal: Modal.extend({ defaultProps: { transitionProps: { duration: 120 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: true } } }),
  },
});

export const colorSchemeManager = localStorageColorSchemeManager({ key: "fanfold-color-scheme" });
