import { createRoot } from 'react-dom/client';
import { BenchView } from './views/BenchView.tsx';

/** The page of `?bench` or `?bench=MODEL`: nothing of the studio is started, so nothing else is at work. */
export function openBench(root: HTMLElement, model: string): void {
  createRoot(root).render(<BenchView model={model || 'mini'} />);
}
