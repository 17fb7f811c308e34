// Prices a cart with Medusa's promotion module: one call of getComputedActionsForItems per promotion
// over the same map of what was applied. Input: {"lines": […], "offers": […], "rounds": n} on stdin.
const path = require("path");
const root = process.argv[2];
const at = (file) => require(path.join(root, "node_modules/@medusajs/promotion/dist/utils", file));
const { getComputedActionsForItems } = at("compute-actions/line-items.js");

const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const items = given.lines.map((one) => ({
  id: one.line, product: { id: one.item }, shop: one.shop, quantity: one.quantity,
  subtotal: (one.quantity * one.list_price) / 100, original_total: (one.quantity * one.list_price) / 100,
  is_discountable: true,
}));
const rule = (attribute, value) => ({ attribute, operator: "in", values: [{ value }] });
const promotions = given.offers.map((one) => ({
  id: one.id, code: one.id, type: "standard", is_tax_inclusive: false,
  application_method: {
    target_type: "items", allocation: one.percent ? "each" : "across",
    type: one.percent ? "percentage" : "fixed", value: one.percent || one.amount / 100, max_quantity: 10000,
    target_rules: [one.item ? rule("product.id", one.item) : rule("shop", one.shop)],
  },
}));
const seen = [], processor = [];
let actions = 0;
for (let round = 0; round < given.rounds; round++) {
  const begun = process.hrtime.bigint(), used = process.cpuUsage();
  const applied = new Map();
  actions = 0;
  for (const promotion of promotions) actions += getComputedActionsForItems(promotion, items, applied).length;
  seen.push(Number(process.hrtime.bigint() - begun) / 1e6);
  const { user, system } = process.cpuUsage(used);
  processor.push((user + system) / 1e3);
}
const warm = (all) => all.slice(all.length / 4);
process.stdout.write(JSON.stringify({ ms: warm(seen), processor_ms: warm(processor), actions }));
