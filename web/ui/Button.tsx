import { Button as BaseButton } from '@base-ui/react/button';
import type { ComponentProps, ReactElement, ReactNode } from 'react';
import { cn } from './cn.ts';
import { Tooltip } from './Tooltip.tsx';

type Variant = 'primary' | 'secondary' | 'ghost' | 'danger';
type Size = 'sm' | 'md';

const variants: Record<Variant, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover font-semibold',
  secondary: 'bg-raised text-ink border border-line hover:bg-hover',
  ghost: 'text-muted hover:bg-hover hover:text-ink',
  danger: 'bg-danger-fill text-on-danger hover:brightness-110 font-semibold',
};

const sizes: Record<Size, string> = { sm: 'h-7 px-2 text-xs gap-1.5', md: 'h-8 px-3 text-sm gap-2' };

const base =
  'inline-flex shrink-0 items-center justify-center rounded-md whitespace-nowrap select-none transition-colors disabled:opacity-45 disabled:pointer-events-none aria-expanded:bg-hover';

/** Class names of a button, for links that look like one. */
export function buttonClass(variant: Variant = 'secondary', size: Size = 'md'): string {
  return cn(base, variants[variant], sizes[size]);
}

/** `className` is added to the classes of the variant and size. */
export interface ButtonProps extends Omit<ComponentProps<typeof BaseButton>, 'className'> {
  variant?: Variant;
  size?: Size;
  className?: string;
}

/** A push button. Default: secondary, medium. */
export function Button({ variant = 'secondary', size = 'md', className, ...props }: ButtonProps) {
  return <BaseButton {...props} className={cn(base, variants[variant], sizes[size], className)} />;
}

/** `label` is required, because the icon alone has no name. */
export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'size'> {
  /** What it does; read aloud and shown as a tooltip. */
  label: string;
  shortcut?: string;
  children: ReactNode;
  size?: Size;
  isPressed?: boolean;
}

/** A square button with an icon alone. */
export function IconButton({
  label,
  shortcut,
  children,
  variant = 'ghost',
  size = 'md',
  isPressed,
  className,
  ...props
}: IconButtonProps) {
  const button = (
    <BaseButton
      {...props}
      aria-label={label}
      aria-pressed={isPressed}
      className={cn(
        base,
        variants[variant],
        size === 'sm' ? 'size-6' : 'size-8',
        isPressed && 'bg-hover text-ink',
        className,
      )}
    >
      {children}
    </BaseButton>
  ) as ReactElement;
  return <Tooltip text={label} shortcut={shortcut} render={button} />;
}
