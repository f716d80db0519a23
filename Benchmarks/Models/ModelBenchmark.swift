import Foundation
import KerasBenchmarkTurns
import KerasFiles
import KerasModels

// KerasModelBenchmark read|open|load|prepare|predict FILE THREADS: one contestant of Benchmarks/models.
//   read     the bytes of the file
//   open     a .keras file, every weight taken out of it
//   load     a model of a file, its weights in place
//   prepare  a model from an architecture as JSON, up to its first prediction of one image
//   predict  another prediction of such a model

@main
struct ModelBenchmark {
  static func main() throws {
    let words = CommandLine.arguments
    guard words.count == 4, let threads = Int(words[3]), let run = try task(words[1], words[2], threads)
    else {
      print("KerasModelBenchmark read|open|load|prepare|predict FILE THREADS")
      exit(64)
    }
    let start = seconds()
    try run()
    try takeTurns(preparedSince: start) { try run() }
  }

  private static func task(_ name: String, _ path: String, _ threads: Int) throws -> (() throws -> Void)? {
    switch name {
    case "read": { _ = try Data(contentsOf: URL(filePath: path)) }
    case "open":
      {
        for (_, object) in try KerasArchive(path: path).weights.all {
          for variable in object.variables { _ = try variable.tensor() }
        }
      }
    case "load": { _ = try Session.withFresh { () throws in try Model.load(from: path) } }
    case "prepare": { try predict(one: try described(in: path), threads) }
    case "predict": try predicting(try described(in: path), threads)
    default: nil
    }
  }

  private static func described(in path: String) throws -> Model {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try Session.withFresh { () throws in try Model.fromJSON(text) }
  }

  private static func predicting(_ model: Model, _ threads: Int) -> () throws -> Void {
    { try predict(one: model, threads) }
  }

  private static func predict(one model: Model, _ threads: Int) throws {
    let lengths = model.input.shape.dropFirst().compactMap { $0 }
    _ = try model.predict(Tensor(zeros: [1] + lengths), options: ComputeOptions(threads: threads))
  }
}
