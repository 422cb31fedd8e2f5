import { useEffect, useState } from "react";

/**
 * Takes files dropped anywhere on the page and says whether some are being dragged over it. A file dropped beside a
 * zone would otherwise make the browser leave the page to open it.
 */
export function useFileDrop(onFiles: (files: File[]) => void): boolean {
  const [dragging, setDragging] = useState(false);

  useEffect(() => {
    // Entering a child comes before leaving its parent, so the depth is 0 only outside the page.
    let depth = 0;
    const withFiles = (handle: (event: DragEvent) => void) => (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      handle(event);
    };
    const enter = withFiles(() => {
      depth += 1;
      setDragging(true);
    });
    const leave = withFiles(() => {
      depth -= 1;
      if (depth <= 0) setDragging(false);
    });
    const over = withFiles((event) => {
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    });
    const drop = withFiles((event) => {
      depth = 0;
      setDragging(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) onFiles(files);
    });

    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", over);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", over);
      window.removeEventListener("drop", drop);
    };
  }, [onFiles]);

  return dragging;
}
