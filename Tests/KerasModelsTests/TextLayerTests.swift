import Testing

@testable import KerasModels

/// Layers that take texts, called at once.
struct TextLayerTests {
  @Test func optionsChooseTheBackend() throws {
    let lookup = try StringLookup(vocabulary: ["a", "b"], output: .oneHot)
    let texts = StringTensor(["b", "c"])
    for backend in ["onednn", "openblas"] {
      let output = try lookup(texts, options: ComputeOptions(backend: backend))
      #expect(output.scalars(as: Float.self) == [0, 0, 1, 1, 0, 0])
    }
    #expect(
      message { () throws(KerasError) in _ = try lookup(texts, options: ComputeOptions(backend: "nowhere")) } == """
        There is no backend called `nowhere`.
          try: use one of onednn, openblas, xla, gpu.
        """)
  }
}
