import { expect, test } from "vitest";

import type { ClaimCheck } from "../src/rows";
import { groupClaims } from "../src/tables/claims";

const claim = (claim_id: string, group: string | null, verdict: string, group_verdict = "agree"): ClaimCheck =>
  ({ claim_id, group, verdict, group_verdict }) as ClaimCheck;

test("groups in which something does not hold come first, their gravest claim on top", () => {
  const groups = groupClaims([
    claim("A1", "A", "consistent"),
    claim("B1", "B", "cannot_tell"),
    claim("B2", "B", "inconsistent"),
    claim("C1", "C", "no_model", "conflict"),
  ]);
  expect(groups.map(({ name, isOpen }) => [name, isOpen])).toEqual([["B", true], ["C", true], ["A", false]]);
  expect(groups[0]?.claims.map(({ claim_id }) => claim_id)).toEqual(["B2", "B1"]);
});

test("a claim without a group is a group of its own", () => {
  expect(groupClaims([claim("A", null, "consistent"), claim("B", null, "consistent")])).toHaveLength(2);
});
