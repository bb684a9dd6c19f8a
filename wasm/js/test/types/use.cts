import pointsman = require("pointsman");

const view: pointsman.View = pointsman.Zone.load(["{}"]).health();
const answer: pointsman.Answer = view.resolve({ name: "www.example.com", type: "A" });
export = answer.values;
