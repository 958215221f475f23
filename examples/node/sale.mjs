// The same sale as ../sale.py, with the official Node SDK. Run `countertop up --memory`, then:
//   npm install && node sale.mjs http://127.0.0.1:4242
import http from "node:http";
import Stripe from "stripe";

const url = new URL(process.argv[2] ?? "http://127.0.0.1:4242");
const stripe = new Stripe("sk_test_example_node", { host: url.hostname, port: url.port, protocol: "http" });

const arrived = [];
const hooks = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    arrived.push([Buffer.concat(chunks), request.headers["stripe-signature"]]);
    response.end();
  });
});
await new Promise((ready) => hooks.listen(0, "127.0.0.1", ready));

const hook = await stripe.webhookEndpoints.create({
  url: `http://127.0.0.1:${hooks.address().port}/`,
  enabled_events: ["charge.refunded"],
});
const shop = await stripe.terminal.locations.create({
  display_name: "Example shop",
  address: { line1: "1 Main St", city: "Springfield", state: "IL", postal_code: "62701", country: "US" },
});
const registered = await stripe.terminal.readers.create({ registration_code: "simulated-wpe", location: shop.id });
const intent = await stripe.paymentIntents.create({
  amount: 1250,
  currency: "usd",
  payment_method_types: ["card_present"],
  capture_method: "manual",
});
await stripe.terminal.readers.processPaymentIntent(registered.id, { payment_intent: intent.id });
const reader = await stripe.testHelpers.terminal.readers.presentPaymentMethod(registered.id);
const captured = await stripe.paymentIntents.capture(intent.id);
console.log("reader action:", reader.action.status, "| captured:", captured.amount_received);
console.log("refund:", (await stripe.refunds.create({ payment_intent: intent.id })).status);
for (let tries = 0; arrived.length === 0 && tries < 500; tries += 1) {
  await new Promise((next) => setTimeout(next, 20));
}
console.log("verified webhook:", stripe.webhooks.constructEvent(...arrived[0], hook.secret).type);
hooks.close();
hooks.closeAllConnections();
