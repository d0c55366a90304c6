import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { useApp } from '../api/context.ts';
import { firstPage } from './first-page.ts';

/** Where an identity provider sends people who have just come in: on to where they begin. */
export function StartPage() {
  const { api } = useApp();
  const navigate = useNavigate();
  useEffect(() => {
    let isHere = true;
    const go = (path: string) => (isHere ? navigate(path, { replace: true }) : undefined);
    void firstPage(api).then(go, () => go('/'));
    return () => {
      isHere = false;
    };
  }, [api, navigate]);
  return <div className="h-full" aria-busy="true" />;
}
