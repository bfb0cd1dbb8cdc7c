import { Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import {
  Autocomplete,
  GridLayout,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  SearchField,
  Size,
  Text,
  Virtualizer,
  type SearchFieldProps,
} from 'react-aria-components';
import { chooseClass } from '../commands/classes.ts';
import { classGroups, type ClassGroup } from '../commands/classGroups.ts';
import { classSearch, everyClass, type ClassSearch } from '../commands/classSearch.ts';
import type { ModelClass } from '../../core/manifest.ts';
import { cx } from './cx.ts';
import { useDesk, useStudio } from './desk.ts';
import { Thumb } from './Thumb.tsx';
import { useClassOnShow } from './useClassOnShow.ts';
import styles from './ClassPicker.module.css';

type KeyEvent = Parameters<NonNullable<SearchFieldProps['onKeyDown']>>[0];

/** Every class of the model: type to search, arrow keys to walk, Enter to take. */
export function ClassPicker() {
  const desk = useDesk();
  const classes = useStudio((studio) => studio.manifest?.classes ?? []);
  const { classId: current } = useClassOnShow();
  const list = useRef<HTMLDivElement>(null);
  const hasPictures = useStudio((studio) => studio.manifest?.assets.classThumbnails !== undefined);
  const { query, type, groups, group, setGroup, hits } = useClassHits(classes);
  const found = hits.map((hit) => ({ ...hit, id: hit.classId, name: classes[hit.classId]?.name ?? '' }));
  const take = (classId: number) => {
    chooseClass(desk, classId);
    desk.store.getState().openDialog(undefined);
  };
  // The list does not hear Enter from the field: the option that the arrow keys reached is taken here, or the best.
  const onEnter = (event: KeyEvent) => {
    if (event.key !== 'Enter') return event.continuePropagation();
    const option = list.current?.querySelector<HTMLElement>('[role=option][data-focused]');
    const classId = Number(option?.dataset['key'] ?? found[0]?.id);
    if (!Number.isNaN(classId)) take(classId);
  };
  return (
    <Autocomplete inputValue={query} onInputChange={type}>
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- who opens a search wants to type */}
      <SearchField className={styles.search ?? ''} autoFocus onKeyDown={onEnter}>
        <Label className="unseen">Search a class</Label>
        <Search size={18} aria-hidden="true" />
        <Input className={styles.input ?? ''} placeholder={exampleOf(classes)} />
      </SearchField>
      {groups.length > 0 && <Groups groups={groups} chosen={group} onChoose={setGroup} />}
      <Virtualizer layout={GridLayout} layoutOptions={hasPictures ? tiles : rows}>
        <ListBox
          ref={(node) => {
            list.current = node;
            // It scrolls, and the arrow keys leave the focus in the field: Tab must be able to reach it.
            node?.setAttribute('tabindex', '0');
          }}
          className={styles.grid ?? ''}
          aria-label={`${found.length} classes`}
          layout="grid"
          items={found}
          onAction={(key) => take(Number(key))}
          renderEmptyState={() => <NothingFound query={query} />}
        >
          {(hit) => <ClassOption {...hit} isChosen={hit.id === current} hasPicture={hasPictures} />}
        </ListBox>
      </Virtualizer>
    </Autocomplete>
  );
}

interface GroupsProps {
  readonly groups: readonly ClassGroup[];
  readonly chosen: ClassGroup | undefined;
  readonly onChoose: (group: ClassGroup | undefined) => void;
}

/** Shelves to look through; pressed again, everything is there again. */
function Groups({ groups, chosen, onChoose }: GroupsProps) {
  return (
    <fieldset aria-label="Kinds of things" className={styles.groups}>
      {groups.map((group) => (
        <button
          key={group.name}
          type="button"
          className={styles.group}
          aria-pressed={group === chosen}
          onClick={() => onChoose(group === chosen ? undefined : group)}
        >
          {group.name} <span className={styles.count}>{group.hits.length}</span>
        </button>
      ))}
    </fieldset>
  );
}

/** In pixels: a picture with its name under it, or the name alone where the model has no pictures. */
const tiles = { minItemSize: new Size(92, 124), maxItemSize: new Size(132, 124), minSpace: new Size(6, 6) };
const rows = { minItemSize: new Size(190, 46), maxItemSize: new Size(640, 46), minSpace: new Size(4, 4) };

/** The classes on show: what was typed finds them, or one group of them. */
function useClassHits(classes: readonly ModelClass[]) {
  const search = useClassSearch(classes);
  const groups = useMemo(() => classGroups(classes), [classes]);
  const [query, setQuery] = useState('');
  const [group, choose] = useState<ClassGroup>();
  const type = (text: string) => (setQuery(text), choose(undefined));
  const setGroup = (one: ClassGroup | undefined) => (setQuery(''), choose(one));
  return { query, type, groups, group, setGroup, hits: group ? group.hits : search(query) };
}

/** The search over the classes; every class until its index is there. */
function useClassSearch(classes: readonly ModelClass[]): ClassSearch {
  const [search, setSearch] = useState<{ readonly of: ClassSearch }>();
  useEffect(() => {
    let isCurrent = true;
    void classSearch(classes).then((of) => isCurrent && setSearch({ of }));
    return () => void (isCurrent = false);
  }, [classes]);
  return search?.of ?? (() => everyClass(classes));
}

/** What one could type: kinds where the classes have them. */
function exampleOf(classes: readonly ModelClass[]): string {
  if (classes.some(({ kinds }) => kinds)) return 'dog, fruit, vehicle…';
  const names = classes.slice(0, 3).map(({ name }) => name);
  return `${names.join(', ')}…`;
}

interface ClassOptionProps {
  readonly id: number;
  readonly name: string;
  readonly alsoCalled?: string;
  readonly kind?: string;
  readonly isChosen: boolean;
  readonly hasPicture: boolean;
}

function ClassOption({ id, name, alsoCalled, kind, isChosen, hasPicture }: ClassOptionProps) {
  const why = alsoCalled ?? (kind && `a kind of ${kind}`);
  return (
    <ListBoxItem
      id={id}
      textValue={name}
      className={cx(styles.one, hasPicture ? styles.tile : styles.row, isChosen && styles.chosen)}
    >
      {hasPicture && <Thumb classId={id} size={72} className={styles.thumb} />}
      <Text slot="label" className={styles.name ?? ''}>
        {name}
      </Text>
      {why && (
        <Text slot="description" className={styles.also ?? ''}>
          {why}
        </Text>
      )}
    </ListBoxItem>
  );
}

function NothingFound({ query }: { query: string }) {
  return <p className={styles.nothing}>This model does not know “{query}”. Try a wider word, or roll the dice.</p>;
}
