import { Drawer, Modal } from "@mantine/core";
import type { ReactNode } from "react";

/** Mantine draws a `header`, which would be a second banner of the page. */
const plain = { component: "div" };

interface DialogProps {
  title: string;
  opened: boolean;
  onClose: () => void;
  children: ReactNode;
  size?: number | string;
  fullScreen?: boolean;
  /** False where a stray click would lose work. */
  closeOnClickOutside?: boolean;
}

export function Dialog({ title, children, closeOnClickOutside = true, ...modal }: DialogProps) {
  return (
    <Modal.Root {...modal} closeOnClickOutside={closeOnClickOutside} yOffset="4dvh">
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Header {...plain}>
          <Modal.Title fw={600} fz={16}>
            {title}
          </Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

export function SideDrawer({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  return (
    <Drawer.Root opened onClose={onClose} position="right" size="lg">
      <Drawer.Overlay />
      <Drawer.Content>
        <Drawer.Header {...plain}>
          <Drawer.Title fw={600} fz={16}>
            {title}
          </Drawer.Title>
          <Drawer.CloseButton aria-label="Close" />
        </Drawer.Header>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
