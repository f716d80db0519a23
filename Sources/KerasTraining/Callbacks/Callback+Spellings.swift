// Callbacks as values: `callbacks: [.earlyStopping(patience: 2)]`.
extension Callback {
  public static func earlyStopping(
    monitor: String = "val_loss", minimumChange: Double = 0, patience: Int = 0,
    mode: MonitorMode = .automatic,
    baseline: Double? = nil, restoresBest: Bool = false, firstEpoch: Int = 0
  ) -> Callback {
    EarlyStopping(
      monitor: monitor, minimumChange: minimumChange, patience: patience, mode: mode, baseline: baseline,
      restoresBest: restoresBest, firstEpoch: firstEpoch)
  }

  public static func modelCheckpoint(
    _ path: String, monitor: String = "val_loss", savesBestOnly: Bool = false, savesWeightsOnly: Bool = false
  ) -> Callback {
    ModelCheckpoint(
      path, monitor: monitor, savesBestOnly: savesBestOnly, savesWeightsOnly: savesWeightsOnly)
  }

  public static func reduceLROnPlateau(
    monitor: String = "val_loss", factor: Double = 0.1, patience: Int = 10, minimumRate: Double = 0
  ) -> Callback {
    ReduceLROnPlateau(monitor: monitor, factor: factor, patience: patience, minimumRate: minimumRate)
  }

  public static func learningRateScheduler(
    _ schedule: @escaping (_ epoch: Int, _ rate: Double) throws -> Double
  ) -> Callback { LearningRateScheduler(schedule) }

  public static func csvLogger(_ path: String, appends: Bool = false) -> Callback {
    CSVLogger(path, appends: appends)
  }

  public static func remoteMonitor(_ root: String = "http://localhost:9000") -> Callback {
    RemoteMonitor(root)
  }

  public static func historyPlot(_ path: String, title: String? = nil) -> Callback {
    HistoryPlot(path, title: title)
  }

  public static func swapEMAWeights(swapsOnEpoch: Bool = false) -> Callback {
    SwapEMAWeights(swapsOnEpoch: swapsOnEpoch)
  }

  public static func terminateOnNaN(throwsError: Bool = false) -> Callback {
    TerminateOnNaN(throwsError: throwsError)
  }

  public static func backupAndRestore(_ folder: String) -> Callback { BackupAndRestore(folder) }
}
