/** Files that are let fall onto a place of the page; elsewhere the browser would open them. */
export function acceptDrops(place: HTMLElement, onDrop: (dropped: DataTransfer) => void): void {
  place.addEventListener('dragover', (event) => event.preventDefault());
  place.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer !== null) onDrop(event.dataTransfer);
  });
}
