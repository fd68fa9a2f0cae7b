import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { Icon } from "./Icon";

interface SearchFieldProps {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
  width?: number | string;
}

/** Asks 250 ms after the last key; follows the value when it changes from outside (back button, "Clear"). */
export function SearchField({ label, placeholder, value, onChange, width = 260 }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const [reported, setReported] = useState(value);
  const [seen, setSeen] = useState(value);
  const report = useDebouncedCallback((text: string) => {
    setReported(text);
    onChange(text);
  }, 250);
  if (value !== seen) {
    setSeen(value);
    // An echo of our own report must not undo what was typed since.
    if (value !== reported) setTyped(value);
  }
  const change = (next: string) => {
    setTyped(next);
    report(next);
  };
  return (
    <TextInput
      size="xs"
      w={width}
      maw="100%"
      type="search"
      aria-label={label}
      placeholder={placeholder ?? label}
      leftSection={<Icon name="search" size={14} />}
      rightSection={typed !== "" && <CloseButton size="sm" aria-label={`Clear: ${label}`} onClick={() => change("")} />}
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}
