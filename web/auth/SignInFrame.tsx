import { useEffect, type ReactNode } from 'react';
import { addressOf } from '../ui/app-address.ts';

/** The page around everything that somebody without an account sees. */
export function SignInFrame({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Heddle`;
  }, [title]);
  return (
    <main className="flex min-h-full items-center justify-center p-6">
      <div className="w-full max-w-90">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <img src={addressOf('/favicon.svg')} alt="" width={48} height={48} />
          <h1 className="text-xl font-semibold">{title}</h1>
        </div>
        {children}
      </div>
    </main>
  );
}
