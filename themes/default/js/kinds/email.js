// An e-mail address: what nobody's address lacks, and no more.

KINDS.email = formatted((value) => {
  const [local, host, ...more] = value.split("@");
  const top = /\.\p{Alphabetic}{2,}$/u.test(host);
  const sound = local && top && more.length === 0 && [...value].length <= 254;
  return sound && !/[\s,;<>"]/.test(value) ? value : null;
});
