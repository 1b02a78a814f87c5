// A phone number: eight digits, or a country's code and the number there.

KINDS.tel = formatted((value) => {
  const bare = value.replace(/[-. ()\xa0]/g, "").replace(/^00/, "+").replace(/^\+45(?=\d{8}$)/, "");
  return /^(\d{8}|\+\d{8,15})$/.test(bare) ? bare : null;
});
