import Foundation
import Keras
import KerasTestSupport
import Testing

/// `keras predict`: arrays in, arrays out.
@Suite struct PredictTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func path(_ name: String) -> String { workplace.folder.appending(path: name).path }

  /// Two inputs, two outputs: their sum, and the second one.
  private func saveModel() throws {
    let (a, b) = (Input(shape: [2], name: "a"), Input(shape: [2], name: "b"))
    let (sum, same) = (Add(name: "sum")([a, b]), Activation(.linear, name: "same")(b))
    try Model(inputs: [a, b], outputs: [sum, same]).save(to: path("m.keras"))
  }

  @Test func byNameAndByOrder() throws {
    try saveModel()
    let (a, b) = (
      try Tensor([1, 2, 3, 4] as [Float], shape: [2, 2]),
      try Tensor([10, 20, 30, 40] as [Float], shape: [2, 2])
    )
    try NumPy.saveArchive(["a": a, "b": b], to: path("named.npz"))
    try NumPy.saveArchive(["arr_0": a, "arr_1": b], to: path("numbered.npz"))
    for input in ["named.npz", "numbered.npz"] {
      #expect(
        try workplace.keras("predict", "m.keras", input, "-o", "out.npz", "--batch-size", "1") == Outcome())
      let found = try NumPy.loadArchive(path("out.npz"))
      #expect(found.keys.sorted() == ["same", "sum"])
      #expect(found["sum"]?.scalars(as: Float.self) == [11, 22, 33, 44])
      #expect(found["same"]?.scalars(as: Float.self) == [10, 20, 30, 40])
      try FileManager.default.removeItem(atPath: path("out.npz"))
    }
    #expect(
      try workplace.keras("predict", "m.keras", "named.npz", "-o", "out.npy").errors.hasPrefix(
        "Error: The file to write must end in .npz."))
    try NumPy.save(a, to: path("a.npy"))
    #expect(
      try workplace.keras("predict", "m.keras", "a.npy", "-o", "out.npz")
        == Outcome(errors: "error: The model takes 2 arrays (a, b); a.npy holds 1 array.\n", code: 1))
    try NumPy.saveArchive(["a": a, "c": b], to: path("other.npz"))
    let other = try workplace.keras("predict", "m.keras", "other.npz", "-o", "out.npz")
    #expect(other.code == 1 && other.errors.contains("the inputs are a, b."))
    #expect(!FileManager.default.fileExists(atPath: path("out.npz")))
  }

  @Test func aModelOfTheCatalogue() throws {
    try NumPy.save(Tensor(repeating: 0.5, shape: [3, 32, 32, 3]), to: path("x.npy"))
    let variant = ["--weights", Fixtures.weights.path, "--alpha", "0.0625", "--image-size", "32"]
    // The file's classifier knows four classes, which only `classify` is told.
    try MobileNet(inputShape: [32, 32, 3], alpha: 0.0625, weights: .file(Fixtures.weights.path), classes: 4)
      .save(to: path("m.keras"))
    #expect(try workplace.keras("predict", "m.keras", "x.npy", "-o", "out.npz") == Outcome())
    let found = try NumPy.loadArchive(path("out.npz"))
    #expect(found.count == 1 && found.values.first?.shape == [3, 4])
    let wrong = try workplace.start(["predict", "m.keras", "x.npy", "-o", "out.npz"] + variant.dropFirst(2))
      .outcome()
    #expect(wrong.code == 1 && wrong.errors.contains("--alpha is for the models that `keras models` lists"))
  }
}
