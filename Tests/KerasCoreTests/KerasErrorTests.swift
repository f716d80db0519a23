import KerasCore
import Testing

struct KerasErrorTests {
  @Test func printsWhatWhereAndRemedy() {
    let error = KerasError(
      .weightsMismatch, "Expected shape (2048, 10), found (2048, 1000).", path: ["predictions", "kernel"],
      remedy: "ask for 1000 classes.")
    #expect(
      error.within("resnet50.h5").description == """
        Expected shape (2048, 10), found (2048, 1000).
          in: resnet50.h5 › predictions › kernel
          try: ask for 1000 classes.
        """)
  }

  @Test func printsOnlyWhatThereIs() {
    #expect(KerasError(.network, "No route.").description == "No route.")
    #expect(
      KerasError(.network, "No route.", remedy: "try later.").description == "No route.\n  try: try later.")
  }

  @Test func withinAddsPlacesFromTheInside() {
    let thrown = #expect(throws: KerasError.self) {
      try within("outer") { () throws(KerasError) in
        try within("inner") { () throws(KerasError) in throw KerasError(.unsupported, "No.") }
      }
    }
    #expect(thrown == KerasError(.unsupported, "No.", path: ["outer", "inner"]))
  }

  @Test func withinReturnsTheResult() throws {
    let number = try within("place") { () throws(KerasError) in 7 }
    #expect(number == 7)
  }
}
