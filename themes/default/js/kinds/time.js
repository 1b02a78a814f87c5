// A time of day, `8.30` or `08:30`; stored as the latter.

KINDS.time = formatted((value) => {
  const [, hour, minute] = /^(\d|[01]\d|2[0-3])[:.]([0-5]\d)$/.exec(value) ?? [];
  return hour && `${hour.padStart(2, "0")}:${minute}`;
});
