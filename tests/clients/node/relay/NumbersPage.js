import { graphql } from "react-relay";

export const query = graphql`
  query NumbersPageQuery($first: Int!, $after: String, $where: DidWhere) {
    viewer {
      name
      customer {
        id
        name
      }
    }
    ...NumbersPage_numbers @arguments(first: $first, after: $after, where: $where)
  }
`;

export const numbers = graphql`
  fragment NumbersPage_numbers on Query
  @refetchable(queryName: "NumbersPagePaginationQuery")
  @argumentDefinitions(
    first: { type: "Int!" }
    after: { type: "String" }
    where: { type: "DidWhere" }
  ) {
    dids(first: $first, after: $after, where: $where) @connection(key: "NumbersPage_dids") {
      totalCount
      edges {
        node {
          id
          ...NumberRow_did
        }
      }
    }
  }
`;
