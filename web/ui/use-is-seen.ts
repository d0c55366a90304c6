import { useEffect, useRef, useState, type RefObject } from 'react';

/** Whether an element has ever been in view: what it shows is loaded from then on. `place` goes onto the element. */
export function useIsSeen<Place extends Element>(): {
  readonly place: RefObject<Place | null>;
  readonly isSeen: boolean;
} {
  const place = useRef<Place>(null);
  const [isSeen, setIsSeen] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting !== true) return;
      setIsSeen(true);
      observer.disconnect();
    });
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, []);
  return { place, isSeen };
}
