import ArgumentParser
import Keras

/// `keras features`: what a model makes of pictures on the way to its answer, in a file.
struct Features: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write features of pictures to a file, for searching, comparing and training.",
    discussion: """
      Pictures are named as for `keras classify`. Rows are in their order; a picture that cannot be read is \
      reported and left out, and the exit code is then 2. What has been computed is kept in OUT.part until \
      OUT is whole: after a kill or on a full disk, the same command with --resume goes on from there, to the \
      same bytes.

      EXAMPLES
        keras features photos/ -o photos.npz
        keras features photos/ --model resnet50 --layer conv4_block6_out -o photos.h5
        keras features photos/ --model mine.keras --pooling max -o photos.csv --resume
        keras features photos/ --shard 2/8 -o part-2.npz
        keras features merge part-*.npz -o photos.npz

      OUTPUT
        .npy          the rows
        .npz .h5      `features` and `files`; of several layers an array each, by
                      name; with --shard `index`, the place of each row in all
        .safetensors  the same; `files` as bytes of UTF-8
        .csv          file,f0,f1,…
        .jsonl        {"file", "features"}
      """)

  @Argument(help: "Pictures, folders, or `-`.", completion: .file())
  var pictures: [String]

  @OptionGroup var features: FeatureOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write: .npy, .npz, .h5, .csv, .safetensors or .jsonl.", valueName: "file"),
    completion: .file())
  var output: String

  @Flag(help: "Go on with what a run that was ended left in OUT.part, if there is anything.")
  var resume = false

  @OptionGroup var sharding: ShardOption

  func validate() throws {
    if pictures.filter({ $0 == "-" }).count > 1 { throw ValidationError("`-` can be named once.") }
    if resume, pictures.contains("-") {
      throw ValidationError("Standard input cannot be read again: leave out --resume, or name files.")
    }
  }

  func perform() throws(KerasError) -> ExitCode {
    let shard = sharding.shard
    let format = try FeatureFormat(
      path: output, arrays: FeatureArrays.names(features.layers).count, isShard: shard != nil)
    if features.source.weights == "none", resume || shard != nil {
      throw KerasError(
        .invalidArgument, "Random weights are others in every run.", remedy: "name a file with --weights.")
    }
    let maker = try FeatureMaker(features)
    var job = maker.job.object ?? [:]
    if let shard { job["shard"] = .string("\(shard)") }
    var spoolJob = job
    spoolJob["pictures"] = .array(pictures.map { .string(FileName(argument: $0).text) })
    spoolJob["output"] = .string(format.rawValue)

    let spool = try spool(.object(spoolJob), maker.arrays)
    do throws(KerasError) {
      try FeatureRun(maker: maker, pictures: pictures, shard: shard).fill(spool)
      if spool.rows == 0, spool.entries > 0, shard == nil {
        try spool.remove()
        return .failure
      }
      let failures = spool.failures
      try spool.finish(output, as: format, job: .object(job), isShard: shard != nil)
      return failures == 0 ? .success : .partial
    } catch {
      throw Self.advising(error, spool)
    }
  }

  private func spool(_ job: JSON, _ arrays: [String]) throws(KerasError) -> FeatureSpool {
    let folder = FeatureSpool.folder(for: output)
    if resume, let spool = try FeatureSpool(resuming: folder, job: job, arrays: arrays) { return spool }
    return try FeatureSpool(creating: folder, job: job, arrays: arrays)
  }

  /// Says what is kept.
  private static func advising(_ error: KerasError, _ spool: FeatureSpool) -> KerasError {
    guard error.kind == .fileAccess else { return error }
    var error = error
    error.remedy =
      "\(counted(spool.entries, "picture")) done are kept in \(spool.folder); make room, and go on with the same "
      + "command and --resume."
    return error
  }
}
