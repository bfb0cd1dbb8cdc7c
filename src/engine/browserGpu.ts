import { Failure } from '../core/failure.ts';

/** What decides whether a page has WebGPU. */
export interface BrowserScope {
  readonly isSecureContext: boolean;
  readonly navigator: { readonly gpu?: GPU };
}

/** The browser's GPU. Failures: InsecurePage (WebGPU is hidden there), NoWebGpu. */
export function browserGpu({ isSecureContext, navigator }: BrowserScope): GPU {
  if (!isSecureContext) {
    throw new Failure('InsecurePage', 'WebGPU needs a secure page; open this page over https or from localhost.');
  }
  if (navigator.gpu === undefined) {
    throw new Failure('NoWebGpu', 'This browser has no WebGPU; use a current Chrome, Edge, Firefox or Safari.');
  }
  return navigator.gpu;
}
