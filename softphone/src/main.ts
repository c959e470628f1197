import { PhoneElement } from "./view.ts";

customElements.define("k-phone", PhoneElement);
