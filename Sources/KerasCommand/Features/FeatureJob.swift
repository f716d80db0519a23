import ArgumentParser
import Keras

/// What features were computed with, as files of them hold it.
///
/// Everything that changes a number is in it, so that two jobs are the same exactly if their numbers are: the hash of
/// the weights stands for them.
enum FeatureJob {
  static let format = "keras-features/1"

  /// - Parameters:
  ///   - weights: where they are.
  ///   - preprocessing: what the model has, whoever said so.
  static func json(
    _ choice: FeatureOptions, weights: String, preprocessing: PreprocessingMode, _ options: ComputeOptions
  ) throws(KerasError) -> JSON {
    var job: JSONObject = ["format": .string(format), "model": .string(choice.source.model)]
    if let weights = choice.source.weights { job["weights"] = .string(weights) }
    if weights != "random" {
      let file = isFolder(weights) ? joined(weights, "model.weights.h5") : weights
      job["weights_sha256"] = .string(try FileHash(.sha256, ofFile: file).digits)
    }
    if !choice.layers.isEmpty { job["layers"] = .array(choice.layers.map { .string($0) }) }
    job["pooling"] = .string(choice.pooling.rawValue)
    job["preprocessing"] = .string(preprocessing.rawValue)
    if let alpha = choice.source.variant.alpha { job["alpha"] = .number(alpha) }
    if !choice.source.variant.arguments.isEmpty {
      job["set"] = .array(choice.source.variant.arguments.map { .string($0) })
    }
    if let side = choice.source.variant.imageSize { job["image_size"] = .integer(side) }
    let pictures = choice.pictureOptions
    if let preset = pictures.resize { job["resize"] = .string(preset.rawValue) }
    if let filter = pictures.interpolation { job["interpolation"] = .string(filter.rawValue) }
    if pictures.exifOrientation { job["exif_orientation"] = true }
    job["precision"] = .string(options.precision.rawValue)
    if let backend = options.backend { job["backend"] = .string(backend) }
    job["batch_size"] = .integer(choice.batchSize)
    return .object(job)
  }

  /// A job without what tells the parts of one apart.
  static func whole(_ job: JSON) -> JSON {
    var job = job.object ?? [:]
    job["shard"] = nil
    return .object(job)
  }

  /// The keys in which two jobs differ. Where the weights lie does not matter: their hash is there.
  static func differences(_ a: JSON, _ b: JSON) -> [String] {
    let keys = (a.object?.keys ?? []) + (b.object?.keys ?? []).filter { a[$0] == nil }
    return keys.filter { a[$0] != b[$0] && $0 != "weights" }
  }

  /// The keys that stand for options of `keras features`, and those.
  static let options = [
    ("model", "--model"), ("weights", "--weights"), ("layers", "--layer"), ("pooling", "--pooling"),
    ("preprocessing", "--preprocessing"), ("alpha", "--alpha"), ("set", "--set"),
    ("image_size", "--image-size"),
    ("resize", "--resize"), ("interpolation", "--interpolation"), ("exif_orientation", "--exif-orientation"),
    ("precision", "--precision"), ("backend", "--backend"), ("batch_size", "--batch-size"),
  ]

  /// The command line that does a job.
  static func arguments(_ job: JSONObject) -> [String] {
    options.flatMap { (key, option) -> [String] in
      switch job[key] {
      case nil, .bool(false): []
      case .bool(true): [option]
      case .array(let values): values.map { option + "=" + text($0) }
      case let value?: [option + "=" + text(value)]
      }
    }
  }

  /// A value as a command line spells it.
  static func text(_ value: JSON) -> String {
    switch value {
    case .string(let text): text
    case .array(let values): values.map(text).joined(separator: ", ")
    default: value.text()
    }
  }
}
