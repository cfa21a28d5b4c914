import { graphql } from "react-relay";

// Refetched by itself through node(id:), as Relay does for anything that implements Node.
export const did = graphql`
  fragment NumberRow_did on Did @refetchable(queryName: "NumberRowRefetchQuery") {
    number
    nationalFormat
    status
    friendlyName
    inSync
    acquiredAt
    customFields
    routing {
      type
      trunk {
        name
      }
      destination
    }
    readiness {
      aspect
      ready
      reason
    }
    carrier {
      unavailable
      record {
        status
      }
    }
  }
`;
