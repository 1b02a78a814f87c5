// A day, as people (`30.11.2026`) and machines (`2026-11-30`) write it; stored as machines do.

KINDS.date = formatted((value) => {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value)?.slice(1) ??
    /^(\d\d?)[-./ ]+(\d\d?)[-./ ]+(\d{4})$/.exec(value)?.slice(1).reverse() ?? [];
  const day = parts.map((part) => part.padStart(2, "0")).join("-");
  if (!(day >= "1900" && day < "2200")) return null;
  // A day that is not in the calendar is another one when it comes back.
  const [year, month, date] = parts;
  return new Date(Date.UTC(year, month - 1, date)).toISOString().startsWith(day) ? day : null;
});
