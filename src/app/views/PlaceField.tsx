import { MAX_CROP_ZOOM } from '../canvas/crop.ts';
import { CropField } from './CropField.tsx';
import styles from './ImportView.module.css';
import { Segments } from './Segments.tsx';
import type { Placing } from './usePlacing.ts';

/** Which part of the picture is used: cut out, or a window of the whole. */
export function PlaceField({ bitmap, placing }: { bitmap: ImageBitmap; placing: Placing }) {
  const { crop, square, isWindow, times, mostTimes } = placing;
  return (
    <div className={styles.field}>
      {mostTimes > 0 && (
        <Segments
          label="Use"
          value={isWindow ? 'window' : 'part'}
          options={[
            { value: 'part', text: 'This part alone' },
            { value: 'window', text: 'A window of the whole' },
          ]}
          onChange={(value) => placing.setWindow(value === 'window')}
        />
      )}
      <CropField bitmap={bitmap} crop={crop} square={square} onMove={placing.move}>
        {isWindow ? (
          <label className={styles.zoom}>
            <span>Window</span>
            <input
              type="range"
              min={1}
              max={mostTimes}
              step={1}
              value={times}
              disabled={mostTimes === 1}
              aria-valuetext={`${square.side} by ${square.side} pixels`}
              onChange={({ target }) => placing.setTimes(Number(target.value))}
            />
            <output>
              {square.side} × {square.side}
            </output>
          </label>
        ) : (
          <label className={styles.zoom}>
            <span>Closer</span>
            <input
              type="range"
              min={1}
              max={MAX_CROP_ZOOM}
              step={0.05}
              value={crop.zoom}
              onChange={({ target }) => placing.zoom(Number(target.value))}
            />
          </label>
        )}
      </CropField>
    </div>
  );
}
