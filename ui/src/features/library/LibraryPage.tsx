import { Button, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { libraryQuery, type LibraryEntry } from "@/api/library";
import { Page } from "@/components/Page";
import { Empty, Failure, Loading } from "@/components/PageState";
import { SearchField } from "@/components/SearchField";
import { plural } from "@/model/wording";
import { LibraryCard } from "./LibraryCard";
import classes from "./LibraryPage.module.css";
import { byTheme, themeAbout, themeTitle } from "./themes";

const route = getRouteApi("/shell/library");

interface ThemesProps {
  themes: readonly string[];
  chosen: string | undefined;
  onChoose: (theme: string | undefined) => void;
}

function Themes({ themes, chosen, onChoose }: ThemesProps) {
  return (
    <div className={classes.themes} role="group" aria-label="Theme">
      {[undefined, ...themes].map((theme) => (
        <button key={theme ?? ""} type="button" className={classes.theme} aria-pressed={theme === chosen} onClick={() => onChoose(theme)}>
          {theme === undefined ? "All themes" : themeTitle(theme)}
        </button>
      ))}
    </div>
  );
}

function Theme({ theme, entries }: { theme: string; entries: LibraryEntry[] }) {
  return (
    <section aria-labelledby={`theme-${theme}`}>
      <Title order={2} id={`theme-${theme}`}>
        {themeTitle(theme)}
      </Title>
      <Text c="dimmed" mb={8}>
        {themeAbout(theme)}
      </Text>
      <ul className={classes.cards} aria-label={themeTitle(theme)}>
        {entries.map((entry) => (
          <LibraryCard key={entry.key} entry={entry} />
        ))}
      </ul>
    </section>
  );
}

/** The workflows that Fanfold brings along, by theme. */
export function LibraryPage() {
  const { q, theme } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, isPlaceholderData, refetch } = useQuery(libraryQuery({ q, theme }));
  const change = (next: { q?: string; theme?: string }) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const named = [q !== undefined && `the text “${q}”`, theme !== undefined && `the theme ${themeTitle(theme)}`];
  return (
    <Page title="Workflow library" heading={data && <Text c="dimmed" role="status">{plural(data.total, "workflow")}</Text>}>
      <Text c="dimmed" maw={720}>
        Questions that AMC can answer, ready to run. Add one to your workflows, then run it over any number of instances.
      </Text>
      <SearchField label="Search the library" placeholder="Search by name, topic or table …" width={320} value={q ?? ""}
        onChange={(text) => change({ q: text || undefined })} />
      {data && <Themes themes={data.themes} chosen={theme} onChoose={(next) => change({ theme: next })} />}
      {error && <Failure error={error} what="The library could not be loaded" onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={12} label="Loading the library" />}
      {data?.items.length === 0 && (
        <Empty title="No workflow matches" action={<Button variant="default" onClick={() => change({ q: undefined, theme: undefined })}>Clear filters</Button>}>
          Nothing fits {named.filter(Boolean).join(" and ")}.
        </Empty>
      )}
      <Stack gap={24} style={{ opacity: isPlaceholderData ? 0.6 : 1 }}>
        {byTheme(data?.items ?? []).map(([name, entries]) => (
          <Theme key={name} theme={name} entries={entries} />
        ))}
      </Stack>
    </Page>
  );
}
