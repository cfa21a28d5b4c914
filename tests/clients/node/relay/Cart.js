import { graphql } from "react-relay";

export const reserve = graphql`
  mutation CartReserveMutation($input: ReserveNumbersInput!) {
    reserveNumbers(input: $input) {
      reservation {
        ...Cart_reservation
      }
      errors {
        code
        message
        path
        ... on NumberUnavailableError {
          alternatives {
            number
          }
        }
      }
    }
  }
`;

export const watch = graphql`
  subscription CartSubscription($id: ID!, $after: Int) {
    reservationUpdated(id: $id, after: $after) {
      sequence
      serverTime
      ...Cart_reservation
    }
  }
`;

export const reservation = graphql`
  fragment Cart_reservation on Reservation {
    id
    state
    expiresAt
    items {
      id
      number
      state
      error {
        code
        message
      }
    }
  }
`;
