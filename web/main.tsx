import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { App } from './App.tsx';
import { keepKeysOfInputMethod } from './ui/keys.ts';
import { startTheme } from './ui/theme.ts';
import { startTypeColors } from './ui/type-colors.ts';
import './styles/app.css';

// The content security policy allows no code made from text; zod works without it.
z.config({ jitless: true });
startTheme();
startTypeColors();
// First of all listeners.
keepKeysOfInputMethod(window);

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no #root element.');
createRoot(root).render(<App />);
