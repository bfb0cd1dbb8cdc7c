import { shortcuts } from '../commands/shortcuts.ts';
import { isApple } from './keyNames.ts';
import { SingleKeysSwitch } from './SettingsView.tsx';
import styles from './ShortcutList.module.css';

const groups = [...new Set(shortcuts.map(({ group }) => group))];

/** Every shortcut there is, read from the same list that answers the keys. */
export function ShortcutList() {
  return (
    <>
      <SingleKeysSwitch />
      <div className={styles.groups}>
        {groups.map((group) => (
          <section key={group}>
            <h3 className={styles.title}>{group}</h3>
            <dl className={styles.list}>
              {shortcuts
                .filter((one) => one.group === group)
                .map(({ keys, does }) => (
                  <div key={keys.join()} className={styles.one}>
                    <dt>{does}</dt>
                    <dd>
                      {keys.map((key) => (
                        <kbd key={key}>{key === 'Mod' ? (isApple ? '⌘' : 'Ctrl') : key}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </>
  );
}
