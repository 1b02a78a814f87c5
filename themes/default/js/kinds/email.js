// An e-mail address, as far as its form tells.

KINDS.email = formatted((value) => {
  const [name, host, ...more] = value.split("@");
  const odd = /[\p{White_Space}\p{Cc},;:<>()[\]"\\]/u.test(value) || /^\.|\.\./.test(host);
  const top = /\.\p{Alphabetic}{2,}$/u.test(host);
  return name && top && !odd && more.length === 0 && [...value].length <= 254 ? value : null;
});
