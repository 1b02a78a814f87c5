// Piping: what was answered earlier stands in later texts; what was not keeps the author's words.

WIDGETS.piping = () => {
  const spans = $$("[data-pipe]").map((span) => ({ span, or: span.textContent }));
  redraws.push(() => {
    for (const { span, or } of spans) {
      const said = partsOf(span.dataset.pipe).map(([, words]) => words);
      span.textContent = inList(said) || or;
    }
  });
};
