import { Search } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import {
  Autocomplete,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  SearchField,
  Text,
  type SearchFieldProps,
} from 'react-aria-components';
import { chooseClass } from '../commands/classes.ts';
import { classSearch } from '../commands/classSearch.ts';
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
  const [query, setQuery] = useState('');
  const search = useMemo(() => classSearch(classes), [classes]);
  const found = search(query).map((hit) => ({ ...hit, id: hit.classId, name: classes[hit.classId]?.name ?? '' }));
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
    <Autocomplete inputValue={query} onInputChange={setQuery}>
      {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- who opens a search wants to type */}
      <SearchField className={styles.search ?? ''} autoFocus onKeyDown={onEnter}>
        <Label className="unseen">Search a class</Label>
        <Search size={18} aria-hidden="true" />
        <Input className={styles.input ?? ''} placeholder="fox, puppy, fruit…" />
      </SearchField>
      <ListBox
        ref={list}
        className={styles.grid ?? ''}
        aria-label={`${found.length} classes`}
        layout="grid"
        items={found}
        onAction={(key) => take(Number(key))}
        renderEmptyState={() => <NothingFound query={query} />}
      >
        {(hit) => <ClassOption {...hit} isChosen={hit.id === current} />}
      </ListBox>
    </Autocomplete>
  );
}

interface ClassOptionProps {
  readonly id: number;
  readonly name: string;
  readonly alsoCalled?: string;
  readonly isChosen: boolean;
}

function ClassOption({ id, name, alsoCalled, isChosen }: ClassOptionProps) {
  return (
    <ListBoxItem id={id} textValue={name} className={cx(styles.one, isChosen && styles.chosen)}>
      <Thumb classId={id} size={72} className={styles.thumb} />
      <Text slot="label" className={styles.name ?? ''}>
        {name}
      </Text>
      {alsoCalled && (
        <Text slot="description" className={styles.also ?? ''}>
          {alsoCalled}
        </Text>
      )}
    </ListBoxItem>
  );
}

function NothingFound({ query }: { query: string }) {
  return <p className={styles.nothing}>This model does not know “{query}”. Try a wider word, or roll the dice.</p>;
}
