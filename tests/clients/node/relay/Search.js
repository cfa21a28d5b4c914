import { graphql } from "react-relay";

export const search = graphql`
  query SearchQuery($input: InventorySearch!, $first: Int!, $after: String) {
    searchInventory(input: $input, first: $first, after: $after)
      @connection(key: "Search_searchInventory") {
      asOf
      stale
      suggestions {
        label
        available
      }
      edges {
        node {
          number
          features
          monthlyCost {
            amount
            currency
          }
        }
      }
    }
  }
`;
