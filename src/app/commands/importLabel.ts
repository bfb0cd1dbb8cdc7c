import type { ModelConfig } from '../../core/config.ts';
import type { ImportOrder } from '../../wire/importer.ts';
import { companions, painters, publishedModels } from '../data/checkpoints.ts';
import type { Offered } from '../store/bringing.ts';

type Label = NonNullable<ImportOrder['label']>;

/** What is known of the networks on the tray: a public checkpoint by its make, width and grid, or only the make. */
export function labelFor(tray: readonly Pick<Offered, 'networks' | 'model' | 'name'>[], config: ModelConfig): Label {
  const titles = titlesOf(tray);
  const { transformer, grid, image } = config;
  const known = publishedModels.find(
    ({ is }) =>
      is &&
      titles.transformer &&
      is.title.test(titles.transformer) &&
      is.width === transformer?.width &&
      is.rows === grid.rows,
  );
  if (known) {
    const { name, by, does, licence, published } = known;
    return {
      name,
      summary: does,
      licence: { name: licence, attribution: `By ${by}.` },
      quality: published === undefined ? {} : { 'as published': published },
    };
  }
  const make = titles.transformer ?? titles.tokenizer ?? 'model';
  return {
    name: `${make[0]!.toUpperCase()}${make.slice(1)}, ${image.size} px`,
    summary: 'Brought in from files.',
    licence: { name: 'unknown', attribution: 'See where the files came from.' },
  };
}

/** What is missing beside what lies on the tray, by name; undefined where nothing is. */
export function missingWords(tray: readonly Pick<Offered, 'networks' | 'model'>[]): string | undefined {
  const { transformer, tokenizer } = titlesOf(tray);
  if (tray.some(({ model }) => model)) return undefined;
  if (transformer !== undefined && tokenizer === undefined) {
    const example = companions.find(({ title }) => title.test(transformer))?.needs ?? 'the one it was trained with';
    return `This is the transformer, which paints in tokens. Drop the tokenizer too, which makes pixels of them: for example ${example}.`;
  }
  if (tokenizer !== undefined && transformer === undefined) {
    const example = painters.find(({ title }) => title.test(tokenizer))!.needs;
    return `This is the tokenizer, which reads and rebuilds pictures. To paint new ones, drop the transformer too: for example ${example}.`;
  }
  return undefined;
}

function titlesOf(tray: readonly Pick<Offered, 'networks'>[]) {
  const networks = tray.flatMap((offered) => offered.networks);
  const titleOf = (role: 'tokenizer' | 'transformer') => networks.findLast((each) => each.role === role)?.title;
  return { tokenizer: titleOf('tokenizer'), transformer: titleOf('transformer') };
}
