/** The colours of pages and figures, by name. */
export const light = {
  ...{ paper: '#fff', ink: '#1b1e23', quiet: '#5c636d' },
  ...{ rule: '#d5d9df', axis: '#9aa1ab', grid: '#e9ebee' },
  ...{ fitted: '#1f5fa8', line: '#b4541a', robust: '#8a2f62', eigenvalue: '#24745a' },
  bad: '#a8261b',
} as const;

type Palette = Readonly<Record<keyof typeof light, string>>;

export const dark: Palette = {
  ...{ paper: '#15171a', ink: '#e3e5e8', quiet: '#9aa1ab' },
  ...{ rule: '#373c43', axis: '#6b727c', grid: '#292d33' },
  ...{ fitted: '#7ab0ec', line: '#ea9a62', robust: '#df8cb8', eigenvalue: '#6cc5a4' },
  bad: '#f08a7e',
};

/** On printed paper. */
export const printed: Palette = {
  ...light,
  ...{ ink: '#000', quiet: '#444', rule: '#bbb', axis: '#888', grid: '#ddd' },
};

/** As custom properties of CSS: `--paper: #fff; --ink: #1b1e23; ...`. */
export function customProperties(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(' ');
}

/** Pages define it, once for light and once for dark; files take the colour itself. */
export function colourVariable(name: keyof Palette): string {
  return `var(--${name})`;
}
