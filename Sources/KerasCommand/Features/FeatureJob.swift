import ArgumentParser
import Keras

/// What features were computed with, as files of them hold it.
///
/// Everything that changes a number is in it, so that two jobs are the same exactly if their numbers are: the hash of
/// the weights stands for them.
enum FeatureJob {
  static let format = "keras-features/1"

  static func json(
    _ choice: FeatureOptions, weights: String, _ options: ComputeOptions
  ) throws(KerasError) -> JSON {
    var job: JSONObject = ["format": .string(format), "model": .string(choice.source.model)]
    if let weights = choice.source.weights { job["weights"] = .string(weights) }
    if weights != "random" {
      let file = isFolder(weights) ? joined(weights, "model.weights.h5") : weights
      job["weights_sha256"] = .string(try FileHash(.sha256, ofFile: file).digits)
    }
    if !choice.layers.isEmpty { job["layers"] = .array(choice.layers.map { .string($0) }) }
    job["pooling"] = .string(choice.pooling.rawValue)
    if let mode = choice.source.preprocessing { job["preprocessing"] = .string(mode.rawValue) }
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
}
