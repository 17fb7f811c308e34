// Prices a cart with Vendure's OrderCalculator.applyPriceAdjustments, put together as its unit tests do: the real
// calculator, entities, promotions and default strategies; one tax zone of 0 % instead of its database, no shipping.
// Input: {"lines": […], "offers": […], "rounds": n} on stdin.
const path = require("path");
const modules = path.join(process.argv[2], "node_modules");
require(path.join(modules, "reflect-metadata"));
const core = require(path.join(modules, "@vendure/core"));
const at = (file) => require(path.join(modules, "@vendure/core/dist", file));
const { OrderCalculator } = at("service/helpers/order-calculator/order-calculator.js");
const distribution = at("config/order/default-order-line-discount-distribution-strategy.js");

const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const zone = new core.Zone({ id: "zone", members: [] });
const rate = new core.TaxRate({ id: "rate", name: "none", value: 0, enabled: true, zone });
const calculator = new OrderCalculator(
  {
    taxOptions: {
      taxZoneStrategy: new core.DefaultTaxZoneStrategy(),
      taxLineCalculationStrategy: new core.DefaultTaxLineCalculationStrategy(),
      orderTaxCalculationStrategy: new core.DefaultOrderTaxCalculationStrategy(),
    },
    orderOptions: {
      orderLineDiscountDistributionStrategy: new distribution.DefaultOrderLineDiscountDistributionStrategy(),
    },
  },
  { getAllWithMembers: async () => [zone] },
  { getApplicableTaxRate: async () => rate },
  null,
  null,
  { get: (context, key, found) => found() },
);
const channel = new core.Channel({ id: "channel", defaultTaxZone: zone, pricesIncludeTax: false });
const context = { channel, channelId: channel.id, languageCode: "en" };
const said = (code, args) => ({ code, args: Object.entries(args).map(([name, value]) => ({ name, value: String(value) })) });
const promotions = given.offers.map((one) => new core.Promotion({
  id: one.id,
  name: one.id,
  promotionConditions: [core.minimumOrderAmount],
  promotionActions: [core.productsPercentageDiscount, core.orderFixedDiscount],
  conditions: one.percent ? [] : [said("minimum_order_amount", { amount: one.threshold, taxInclusive: false })],
  actions: one.percent
    ? [said("products_percentage_discount", { discount: one.percent, productVariantIds: JSON.stringify([one.item]) })]
    : [said("order_fixed_discount", { discount: one.amount })],
}));
const order = () => new core.Order({
  id: "order", code: "order", couponCodes: [], surcharges: [], shippingLines: [],
  lines: given.lines.map((one) => new core.OrderLine({
    id: one.line, quantity: one.quantity, orderPlacedQuantity: 0, listPrice: one.list_price,
    listPriceIncludesTax: false, adjustments: [], taxLines: [], taxCategoryId: "tax",
    productVariant: new core.ProductVariant({ id: one.item }),
  })),
});

(async () => {
  const seen = [], processor = [];
  let actions = 0;
  for (let round = 0; round < given.rounds; round++) {
    const asked = order();
    const begun = process.hrtime.bigint(), used = process.cpuUsage();
    await calculator.applyPriceAdjustments(context, asked, promotions);
    seen.push(Number(process.hrtime.bigint() - begun) / 1e6);
    const { user, system } = process.cpuUsage(used);
    processor.push((user + system) / 1e3);
    actions = asked.lines.reduce((sum, line) => sum + line.adjustments.length, 0);
  }
  const warm = (all) => all.slice(all.length / 4);
  process.stdout.write(JSON.stringify({ ms: warm(seen), processor_ms: warm(processor), actions }));
})();
