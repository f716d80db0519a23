import FoundationEssentials
import KerasFiles
import KerasModels

/// Opens every `NAME.npz` in `folder` and the files of `NAME`, and compares predictions with `output0`….
///
/// Whole models are `NAME.keras` and `NAME.h5`; weights alone (`NAME.weights.h5`, `NAME-weights.h5`) go with the
/// architecture in `NAME.json`.
func readSamples(in folder: String) throws(KerasError) {
  let files = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
  let names = files.filter { $0.hasSuffix(".npz") }.map { String($0.dropLast(4)) }.sorted()
  guard !names.isEmpty else {
    throw KerasError(.fileNotFound, "No models with arrays beside them in \(folder).")
  }
  var failures: [String] = []
  for name in names {
    let arrays = try NumPy.loadArchive("\(folder)/\(name).npz")
    for file in [".keras", ".h5", ".weights.h5", "-weights.h5"].map({ name + $0 }) where files.contains(file)
    {
      do throws(KerasError) {
        let model = try Session.withFresh { () throws(KerasError) in
          try openModel(file, architecture: "\(name).json", in: folder)
        }
        let difference = try largestDifference(of: model, from: arrays)
        guard difference <= 1e-5 else {
          failures.append("\(file): predictions differ by \(difference)")
          continue
        }
        print("read \(file)")
      } catch {
        failures.append("\(file): \(error)")
      }
    }
  }
  if !failures.isEmpty {
    throw KerasError(.invalidFile, "\(failures.count) files fail:\n" + failures.joined(separator: "\n"))
  }
}

/// Writes every whole model of `folder` again, as `NAME-KIND.keras` and `NAME-KIND.h5`, with its arrays.
func rewriteSamples(of folder: String, to target: String) throws(KerasError) {
  let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  for file in files where file.hasSuffix(".keras") || file.hasSuffix(".h5") && !file.hasSuffix("weights.h5") {
    let kind = file.hasSuffix(".h5") ? "h5" : "keras"
    let name = String(file.dropLast(kind.count + 1))
    let place = "\(target)/\(name)-\(kind)"
    try within(file) { () throws(KerasError) in
      let model = try Session.withFresh { () throws(KerasError) in try Model.load(from: "\(folder)/\(file)") }
      for ending in ["keras", "h5"] { try model.save(to: "\(place).\(ending)") }
      try NumPy.saveArchive(NumPy.loadArchive("\(folder)/\(name).npz"), to: "\(place).npz")
    }
  }
}

private func openModel(_ file: String, architecture: String, in folder: String) throws(KerasError) -> Model {
  guard file.hasSuffix("weights.h5") else { return try Model.load(from: "\(folder)/\(file)") }
  let model = try Model.load(from: "\(folder)/\(architecture)")
  try model.loadWeights(from: "\(folder)/\(file)")
  return model
}

/// The largest |got − want| / (1 + |want|) over all outputs.
private func largestDifference(of model: Model, from arrays: [String: Tensor]) throws(KerasError) -> Double {
  let inputs = (0..<arrays.count).compactMap { arrays["input\($0)"] }
  let wanted = (0..<arrays.count).compactMap { arrays["output\($0)"] }
  let outputs = try model.predict(inputs)
  guard outputs.map(\.shape) == wanted.map(\.shape) else {
    throw KerasError(.shapeMismatch, "Expected \(wanted.map(\.spec)), found \(outputs.map(\.spec)).")
  }
  var largest = 0.0
  for (output, want) in zip(outputs, wanted) {
    let (a, b): ([Double], [Double]) = (output.scalars(), want.scalars())
    for (a, b) in zip(a, b) {
      let difference = abs(a - b) / (1 + abs(b))
      if !(difference <= largest) { largest = difference.isNaN ? .infinity : difference }
    }
  }
  return largest
}
