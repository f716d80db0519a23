import ArgumentParser
import Keras

/// How the features of pictures that are compared are computed: as those of an index, unless there is none.
struct SearchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model, as for `keras features`; by default the one that the index names, without an index mobilenet.",
      valueName: "name or file"),
    completion: .modelsAndFiles)
  var model: String?

  @Option(
    help: ArgumentHelp("A file of weights instead of the published ones.", valueName: "file"),
    completion: .file())
  var weights: String?

  @Option(
    help: ArgumentHelp("For a model in a file that does not say what it takes for pixels.", valueName: "mode")
  )
  var preprocessing: PreprocessingMode?

  @Option(
    help: ArgumentHelp("The layer whose features are compared, where there are several.", valueName: "name"))
  var layer: String?

  @Option(help: ArgumentHelp("What becomes of features with height and width.", valueName: "kind"))
  var pooling: PoolingChoice?

  @OptionGroup var variant: VariantOptions
  @OptionGroup var pictureOptions: PictureOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("Pictures computed together.", valueName: "count"))
  var batchSize: Int?

  @OptionGroup var compute: ComputeArguments

  @Flag(help: "Never use the network; say where a missing file belongs.")
  var offline = false

  /// What was said, in the words of a job.
  private var said: JSONObject {
    var job = JSONObject()
    job["model"] = model.map { .string($0) }
    job["weights"] = weights.map { .string($0) }
    job["preprocessing"] = preprocessing.map { .string($0.rawValue) }
    job["layers"] = layer.map { [.string($0)] }
    job["pooling"] = pooling.map { .string($0.rawValue) }
    job["alpha"] = variant.alpha.map { .number($0) }
    if !variant.arguments.isEmpty { job["set"] = .array(variant.arguments.map { .string($0) }) }
    job["image_size"] = variant.imageSize.map { .integer($0) }
    job["resize"] = pictureOptions.resize.map { .string($0.rawValue) }
    job["interpolation"] = pictureOptions.interpolation.map { .string($0.rawValue) }
    if pictureOptions.exifOrientation { job["exif_orientation"] = true }
    job["batch_size"] = batchSize.map { .integer($0) }
    if compute.precision != .float32 { job["precision"] = .string(compute.precision.rawValue) }
    job["backend"] = (compute.device ?? compute.backend).map { .string($0) }
    return job
  }

  /// The first option that would change how features are computed; nil for none.
  var firstOption: String? {
    FeatureJob.options.first { $0.0 != "layers" && said[$0.0] != nil }?.1
  }

  /// Makes features without an index. Pictures are squashed smoothly unless said otherwise: picked pixels make copies
  /// of other sizes less alike.
  func maker() throws(KerasError) -> FeatureMaker {
    var job = said
    if job["resize"] == nil, job["interpolation"] == nil {
      job["resize"] = .string(ResizingPreset.bilinearSquash.rawValue)
    }
    return try maker(job)
  }

  /// Makes features that can be compared with those of an index.
  ///
  /// - Throws: `invalidArgument` where the index does not say which model it is of and nobody else does, or where something
  ///   else is said; `weightsMismatch` for other weights; what making the model throws.
  func maker(for index: FeatureIndex, at path: String) throws(KerasError) -> FeatureMaker {
    guard let recorded = index.job?.object else {
      guard model != nil else {
        throw KerasError(
          .invalidArgument, "The index does not say which model it was computed with.", path: [path.escaped],
          remedy:
            "name it with --model, and what else `keras features` was told; .npz, .h5 and .safetensors say it."
        )
      }
      return try maker(said)
    }
    guard recorded["weights"] != "none" else {
      throw KerasError(
        .invalidArgument, "The index was computed with random weights, which are others in every run.",
        path: [path.escaped], remedy: "compute it with weights, or compare files of features.")
    }
    var job = recorded
    for (key, option) in FeatureJob.options where key != "layers" {
      guard let value = said[key], value != recorded[key] else { continue }
      guard mayDiffer(key, value) else { throw Self.otherwise(option, value, recorded[key], path) }
      job[key] = value
    }
    if let layer, recorded["layers"] != nil { job["layers"] = [.string(layer)] }
    let maker: FeatureMaker
    do throws(KerasError) {
      maker = try self.maker(job)
    } catch  where [.unknownName, .fileNotFound].contains(error.kind) && model == nil {
      var error = error
      error.remedy = "the index names this model; say where it is now with --model or --weights."
      throw error
    }
    guard maker.job["weights_sha256"] == recorded["weights_sha256"] else {
      throw KerasError(
        .weightsMismatch, "The index was computed with other weights than those of \(maker.model.name).",
        path: [path.escaped], remedy: "name those it was computed with by --model or --weights.")
    }
    return maker
  }

  /// What does not change what is compared, or will be told by the hash of the weights.
  private func mayDiffer(_ key: String, _ value: JSON) -> Bool {
    if key == "model", let name = value.string, case .file? = try? ModelSubject(name) { return true }
    return ["weights", "backend", "precision", "batch_size"].contains(key)
  }

  private func maker(_ job: JSONObject) throws(KerasError) -> FeatureMaker {
    var job = job
    // A model of the catalogue has its own.
    if let name = job["model"]?.string, said["preprocessing"] == nil,
      case .application? = try? ModelSubject(name)
    {
      job["preprocessing"] = nil
    }
    var arguments = FeatureJob.arguments(job)
    if offline { arguments.append("--offline") }
    if let threads = compute.threads { arguments.append("--threads=\(threads)") }
    let options: FeatureOptions
    do {
      options = try FeatureOptions.parse(arguments)
    } catch {
      throw KerasError(.invalidArgument, FeatureOptions.message(for: error))
    }
    return try FeatureMaker(options)
  }

  private static func otherwise(
    _ option: String, _ value: JSON, _ recorded: JSON?, _ path: String
  ) -> KerasError {
    let with = recorded.map { "with \(option) \(FeatureJob.text($0))" } ?? "without \(option)"
    return KerasError(
      .invalidArgument, "The index was computed \(with), not with \(FeatureJob.text(value)).",
      path: [path.escaped],
      remedy: "leave \(option) out.")
  }
}
